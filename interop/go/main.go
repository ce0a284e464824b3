// A stand-in for the Go library github.com/c0deZ3R0/go-sync-kit: what its HTTP client, its HTTP server and
// its SyncManager say on the wire, written by us from the recorded facts on Go's own net/http and
// encoding/json. It is not the library; see ../README.md.
//
//	interop server -flavour v0.16|v0.22 [-pull-cursor=false]
//	interop client -url http://127.0.0.1:8080/sync
//	interop json
//	interop state -host 127.0.0.1:8080 -writes 400 -seed 1
//
// json reads texts and says what Go makes of them; see json.go. state uses a state server as ooo's Go client
// does, and says what came of it; see state.go. The others say in their first line where they stand, then obey
// the orders that come in, one a line, and answer each with one line of JSON; see orders.go. They end with
// their input.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fail("say what to be: server, client, json or state")
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	switch os.Args[1] {
	case "server":
		flavour := flags.String("flavour", "v0.16", "whose server to be: v0.16 or v0.22")
		cursors := flags.Bool("pull-cursor", true, "whether there is a /pull-cursor, or only /pull")
		_ = flags.Parse(os.Args[2:])
		serve(*flavour, *cursors)
	case "client":
		url := flags.String("url", "", "where the server is, with its /sync")
		_ = flags.Parse(os.Args[2:])
		log := newLog()
		fmt.Println("client of", *url)
		obey(log, clientOrders(log, newClient(*url)))
	case "json":
		passJSON()
	case "state":
		host := flags.String("host", "", "where the state server is")
		writes := flags.Int("writes", 400, "how many writes")
		seed := flags.Int64("seed", 1, "what the writes are drawn from")
		_ = flags.Parse(os.Args[2:])
		counts, err := useState(*host, *writes, *seed)
		if err != nil {
			fail(err.Error())
		}
		text, _ := json.Marshal(counts)
		fmt.Println(string(text))
	default:
		fail("there is no " + os.Args[1] + ": server, client, json or state")
	}
}

func serve(flavour string, cursors bool) {
	log := newLog()
	handler, known := map[string]http.Handler{
		"v0.16": server{log, cursors},
		"v0.22": laterServer{server{log, cursors}},
	}[flavour]
	if !known {
		fail("no such flavour: " + flavour)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err.Error())
	}
	go func() { fail(http.Serve(listener, handler).Error()) }()
	fmt.Printf("listening on http://%s/sync\n", listener.Addr())
	obey(log, nil)
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "interop:", message)
	os.Exit(1)
}
