package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/benitogf/ooo/client"
	remote "github.com/benitogf/ooo/io"
)

// Four writers, and some who follow what they write. With `cut` it says "half" once half of it is done, and leaves
// the last quarter until all of those who follow have been cut off: whoever started this has to take the server
// away and bring it back.
func follow(host string, token string, steps int, seed int64, cut bool) (map[string]int64, error) {
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	config := client.SubscribeConfig{
		Ctx: ctx, Server: client.Server{Protocol: "ws", Host: host}, Header: header, Silence: true,
		// Back before the writers are done.
		Retry: client.RetryConfig{InitialDelay: 20 * time.Millisecond, MediumDelay: 50 * time.Millisecond},
	}
	var histories []*history
	var followers []*follower
	for writer := range 4 {
		histories = append(histories, drawHistory(writer, steps, seed))
		followers = append(followers, followOne(config, histories[writer]))
	}
	followers = append(followers, followList(config, histories), followList(config, histories))
	w := newWriters(host, header)
	w.reached = func(done int64) error {
		if cut && done == int64(2*steps) {
			fmt.Println("half")
		}
		if !cut || done < int64(3*steps) {
			return nil
		}
		return waitUntilCut(followers)
	}
	if err := w.run(histories); err != nil {
		return nil, err
	}
	// One who was never there before has the same as those who saw all of it.
	followers = append(followers, followList(config, histories))
	counts := map[string]int64{"steps": w.done.Load(), "requests without an answer": w.failed.Load(), "followers": int64(len(followers))}
	for _, f := range followers {
		if err := f.agrees(config); err != nil {
			return nil, err
		}
		counts["values heard"] += f.heard()
		if f.wasCut() {
			counts["of them cut off"]++
		}
	}
	list, err := remote.RemoteGetList[item](w.config, "things/*")
	counts["objects"] = int64(len(list))
	return counts, err
}

func waitUntilCut(followers []*follower) error {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if !slices.ContainsFunc(followers, func(f *follower) bool { return !f.wasCut() }) {
			return nil
		}
	}
	return errors.New("nobody took the server away")
}
