// Command pivot runs one server of a cluster of github.com/benitogf/pivot, for test/interop and the benchmarks. It
// prints where it listens, once it does, and ends on SIGTERM.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/benitogf/ko"
	"github.com/benitogf/ooo"
	"github.com/benitogf/ooo/storage"
	"github.com/benitogf/pivot"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to listen on")
	advertise := flag.String("advertise", "", "address where the others reach it; default: where it listens")
	leader := flag.String("leader", "", "address of the leader; without one, this server leads")
	keys := flag.String("keys", "", "paths that are shared, with commas between them")
	nodes := flag.String("nodes", "", "path of the entries of the nodes")
	folder := flag.String("data", "", "folder of the database; without one, all is in memory")
	flag.Parse()

	server := &ooo.Server{Silence: true, Storage: open(*folder)}
	// pivot takes the server's address for the sender of what it sends, and its leader knows the other one.
	server.OnStart = func() {
		fmt.Println("listening on " + server.Address)
		if *advertise != "" {
			server.Address = *advertise
		}
	}
	config := pivot.Config{NodesKey: *nodes, ClusterURL: *leader, AutoSyncOnStart: true}
	for _, path := range strings.FieldsFunc(*keys, isComma) {
		config.Keys = append(config.Keys, pivot.Key{Path: path})
	}
	pivot.Setup(server, config)
	if err := server.StartWithError(*listen); err != nil {
		log.Fatal(err)
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, os.Interrupt)
	server.Close(<-ended)
}

func open(folder string) storage.Database {
	layers := storage.LayeredConfig{Memory: storage.NewMemoryLayer()}
	if folder != "" {
		layers.Embedded = ko.NewEmbeddedStorage(folder)
	}
	return storage.New(layers)
}

func isComma(one rune) bool {
	return one == ','
}
