// A server of ooo's, in memory, with nothing set but where it listens. It says where on its first line; each
// line "PATH JSON" on stdin is then set as a program does that has the server in it, and answered by a line.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/benitogf/ooo"
)

func main() {
	server := &ooo.Server{Silence: true}
	// Who only counts what it hears answers no ping.
	server.Stream.PongTimeout = 24 * time.Hour
	if err := server.StartWithError("127.0.0.1:0"); err != nil {
		fail(err)
	}
	fmt.Println("http://" + server.Address)
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // whoever started this is gone
		}
		path, data, _ := strings.Cut(line, " ")
		if err := ooo.Set(server, path, json.RawMessage(data)); err != nil {
			fail(err)
		}
		fmt.Println("set")
	}
	server.Close(os.Interrupt)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
