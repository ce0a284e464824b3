package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/benitogf/ooo/client"
	remote "github.com/benitogf/ooo/io"
)

// Four writers, and some who follow what they write. It says "half" once half of it is done: whoever started
// this may then take the server away for a while.
func follow(host string, token string, steps int, seed int64) (map[string]int64, error) {
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	config := client.SubscribeConfig{
		Ctx: ctx, Server: client.Server{Protocol: "ws", Host: host}, Header: header, Silence: true,
	}
	var histories []*history
	var followers []*follower
	for writer := range 4 {
		histories = append(histories, drawHistory(writer, steps, seed))
		followers = append(followers, followOne(config, histories[writer]))
	}
	followers = append(followers, followList(config, histories), followList(config, histories))
	half := int64(4*steps) / 2
	w := &writers{config: remote.RemoteConfig{
		Client: &http.Client{}, Host: host, Header: header,
		Retry: remote.RetryConfig{MaxRetries: 3, RetryDelay: 20 * time.Millisecond},
	}}
	w.reached = func(done int64) {
		if done == half {
			fmt.Println("half")
		}
	}
	if err := w.run(histories); err != nil {
		return nil, err
	}
	// One who was never there before has the same as those who saw all of it.
	followers = append(followers, followList(config, histories))
	counts := map[string]int64{"steps": w.done.Load(), "calls made again": w.again.Load(), "followers": int64(len(followers))}
	for _, f := range followers {
		if err := f.agrees(config); err != nil {
			return nil, err
		}
		f.mu.Lock()
		counts["values heard"] += f.messages
		counts["connections lost"] += f.lost
		f.mu.Unlock()
	}
	list, err := remote.RemoteGetList[item](w.config, "things/*")
	counts["objects"] = int64(len(list))
	return counts, err
}
