// Drives a state server with the Go client that ooo publishes. It prints what it counted as JSON, and ends with 1
// and a line on stderr where something is not as it should be.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/benitogf/ooo/monotonic"
)

func main() {
	log.SetOutput(io.Discard) // ooo's client reports there each request that fails, also where that is meant
	monotonic.Init()          // a push takes its index from that clock, and panics without it
	if len(os.Args) < 2 {
		fail(fmt.Errorf("calls or follow"))
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	host := flags.String("host", "", "the server, as host:port")
	token := flags.String("token", "", "follow: what is shown to the server")
	steps := flags.Int("steps", 100, "follow: what each of the four writers does")
	seed := flags.Int64("seed", 1, "follow: where what they do is drawn from")
	cut := flags.Bool("cut", false, "follow: wait for the server to go and come back")
	flags.Parse(os.Args[2:])
	var counts map[string]int64
	var err error
	switch os.Args[1] {
	case "calls":
		counts, err = useCalls(*host)
	case "follow":
		counts, err = follow(*host, *token, *steps, *seed, *cut)
	default:
		err = fmt.Errorf("no such command: %s", os.Args[1])
	}
	if err != nil {
		fail(err)
	}
	json.NewEncoder(os.Stdout).Encode(counts)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
