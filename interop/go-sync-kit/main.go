// Command go-sync-kit runs a client or a server of github.com/c0deZ3R0/go-sync-kit with the library's defaults, each
// on the library's own SQLite store. It says in its first line where it stands, then obeys the orders that come in, one
// a line, and answers each with one line of JSON; see orders.go. It ends with its input.
//
//	go-sync-kit server
//	go-sync-kit client -url http://127.0.0.1:8080/sync
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/c0deZ3R0/go-sync-kit/logging"
	"github.com/c0deZ3R0/go-sync-kit/storage/sqlite"
	"github.com/c0deZ3R0/go-sync-kit/synckit"
	"github.com/c0deZ3R0/go-sync-kit/transport/httptransport"
	"github.com/c0deZ3R0/go-sync-kit/transport/sse"
)

func main() {
	// The library logs to the standard output, which is for our answers.
	answers := os.Stdout
	os.Stdout = os.Stderr
	logging.Init(logging.Config{Level: "error", Format: "text"})

	if len(os.Args) < 2 {
		log.Fatal("say what to be: server or client")
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	url := flags.String("url", "", "where the server is, with its /sync")
	_ = flags.Parse(os.Args[2:])

	store := open()
	switch os.Args[1] {
	case "server":
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			log.Fatal(err)
		}
		routes := http.NewServeMux()
		routes.Handle("/", httptransport.NewSyncHandler(store, nil, nil, nil))
		routes.Handle("/sync/sse", sse.NewServer(store, nil).Handler())
		go func() { log.Fatal(http.Serve(listener, routes)) }()
		fmt.Fprintf(answers, "listening on http://%s/sync\n", listener.Addr())
		obey(answers, storeOrders(store))
	case "client":
		fmt.Fprintln(answers, "client of", *url)
		known := clientOrders(store, httptransport.NewTransport(*url, nil, nil, nil))
		known["follow"] = func(ctx context.Context, rest string) (any, error) {
			return follow(ctx, store, *url, rest)
		}
		obey(answers, known)
	default:
		log.Fatal("there is no " + os.Args[1] + ": server or client")
	}
}

// A new database beside the program, which is in a temporary folder.
func open() synckit.EventStore {
	program, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	folder, err := os.MkdirTemp(filepath.Dir(program), "data-")
	if err != nil {
		log.Fatal(err)
	}
	store, err := sqlite.NewWithDataSource(filepath.Join(folder, "events.db"))
	if err != nil {
		log.Fatal(err)
	}
	return store
}
