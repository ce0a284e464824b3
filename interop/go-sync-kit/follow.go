package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/c0deZ3R0/go-sync-kit/cursor"
	"github.com/c0deZ3R0/go-sync-kit/synckit"
	"github.com/c0deZ3R0/go-sync-kit/transport/sse"
)

type followed struct {
	Events      int `json:"events"`
	Again       int `json:"again"`
	Batches     int `json:"batches"`
	Largest     int `json:"largest"`
	Connections int `json:"connections"`
}

// Stores what the library's stream of events brings, but for what is here, until count events are.
func follow(ctx context.Context, store synckit.EventStore, url string, rest string) (any, error) {
	count, err := strconv.Atoi(rest)
	if err != nil {
		return nil, err
	}
	here, err := store.Load(ctx, cursor.NewInteger(0))
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	for _, one := range here {
		ids[one.Event.ID()] = true
	}
	said := followed{}
	take := func(batch []synckit.EventWithVersion) error {
		said.Batches++
		said.Largest = max(said.Largest, len(batch))
		for _, one := range batch {
			if ids[one.Event.ID()] {
				said.Again++
				continue
			}
			if err := store.Store(ctx, one.Event, one.Version); err != nil {
				return err
			}
			ids[one.Event.ID()] = true
		}
		if len(ids) >= count {
			return errEnough
		}
		return nil
	}
	counted := &http.Client{Transport: counting{&said.Connections}}
	err = sse.NewClient(url, counted).Subscribe(ctx, take)
	if !errors.Is(err, errEnough) {
		return nil, err
	}
	said.Events = len(ids)
	return said, nil
}

// What ends a subscription: an error of its handler's.
var errEnough = errors.New("all are here")

// Counts requests that were answered.
type counting struct {
	answered *int
}

func (c counting) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil {
		*c.answered++
	}
	return response, err
}
