package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/c0deZ3R0/go-sync-kit/cursor"
	"github.com/c0deZ3R0/go-sync-kit/logging"
	"github.com/c0deZ3R0/go-sync-kit/synckit"
	"github.com/c0deZ3R0/go-sync-kit/transport/httptransport"
)

// Does one thing with the rest of the line, and returns what to answer.
type order func(ctx context.Context, rest string) (any, error)

type orders map[string]order

// Reads orders until the input ends.
func obey(answers io.Writer, known orders) {
	lines := bufio.NewReader(os.Stdin)
	encoder := json.NewEncoder(answers)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		var result any
		if does := known[name]; does != nil {
			result, err = does(context.Background(), rest)
		} else {
			err = fmt.Errorf("no such order: %s", name)
		}
		if err != nil {
			result = map[string]string{"error": err.Error()}
		}
		_ = encoder.Encode(result)
	}
}

// Those of every process:
//
//	write COUNT PREFIX    stores events PREFIX-1 …
//	put EVENTS            stores these, a JSON array
//	dump                  all of the store
func storeOrders(store synckit.EventStore) orders {
	return orders{
		"write": func(ctx context.Context, rest string) (any, error) {
			return writeSamples(ctx, store, rest)
		},
		"put": func(ctx context.Context, rest string) (any, error) {
			var events []httptransport.JSONEvent
			if err := json.Unmarshal([]byte(rest), &events); err != nil {
				return nil, err
			}
			for _, one := range events {
				if err := store.Store(ctx, eventOf(one), nil); err != nil {
					return nil, err
				}
			}
			return len(events), nil
		},
		"dump": func(ctx context.Context, _ string) (any, error) {
			events, err := store.Load(ctx, cursor.NewInteger(0))
			dumped := make([]httptransport.JSONEventWithVersion, 0, len(events))
			for _, one := range events {
				dumped = append(dumped, asJSON(one))
			}
			return dumped, err
		},
	}
}

// Those of a client as well:
//
//	push                       all of its store, in one request
//	pull [SINCE]               one request, and stores what comes
//	pull-cursor LIMIT          page by page from the beginning, and stores what comes
//	latest                     the server's latest version
//	sync [push-only|pull-only] a round of a SyncManager
//	follow COUNT               stores what its stream of events brings, until COUNT are here; see follow.go
func clientOrders(store synckit.EventStore, transport *httptransport.HTTPTransport) orders {
	known := storeOrders(store)
	known["push"] = func(ctx context.Context, _ string) (any, error) {
		events, err := store.Load(ctx, cursor.NewInteger(0))
		if err != nil {
			return nil, err
		}
		return len(events), transport.Push(ctx, events)
	}
	known["pull"] = func(ctx context.Context, rest string) (any, error) {
		since, err := store.ParseVersion(ctx, rest)
		if err != nil {
			return nil, err
		}
		events, err := transport.Pull(ctx, since)
		if err != nil {
			return nil, err
		}
		return len(events), storeAll(ctx, store, events)
	}
	known["pull-cursor"] = func(ctx context.Context, rest string) (any, error) {
		limit, err := strconv.Atoi(rest)
		if err != nil {
			return nil, err
		}
		return pullPages(ctx, store, transport, limit)
	}
	known["latest"] = func(ctx context.Context, _ string) (any, error) {
		version, err := transport.GetLatestVersion(ctx)
		if err != nil {
			return nil, err
		}
		return strconv.Atoi(version.String())
	}
	known["sync"] = func(ctx context.Context, rest string) (any, error) {
		return round(ctx, store, transport, rest)
	}
	return known
}

func round(ctx context.Context, store synckit.EventStore, transport synckit.Transport, how string) (any, error) {
	options := &synckit.SyncOptions{PushOnly: how == "push-only", PullOnly: how == "pull-only"}
	done, err := synckit.NewSyncManager(store, transport, options, logging.Default().Logger).Sync(ctx)
	if err != nil {
		return nil, err
	}
	troubles := make([]string, 0, len(done.Errors))
	for _, each := range done.Errors {
		troubles = append(troubles, each.Error())
	}
	return map[string]any{"pushed": done.EventsPushed, "pulled": done.EventsPulled, "errors": troubles}, nil
}

func pullPages(
	ctx context.Context, store synckit.EventStore, transport synckit.CursorTransport, limit int,
) (int, error) {
	pulled := 0
	for next := cursor.Cursor(nil); ; {
		events, following, err := transport.PullWithCursor(ctx, next, limit)
		if err != nil {
			return 0, err
		}
		if err := storeAll(ctx, store, events); err != nil {
			return 0, err
		}
		pulled += len(events)
		if len(events) == 0 || following == nil {
			return pulled, nil
		}
		next = following
	}
}

func storeAll(ctx context.Context, store synckit.EventStore, events []synckit.EventWithVersion) error {
	for _, one := range events {
		if err := store.Store(ctx, one.Event, one.Version); err != nil {
			return err
		}
	}
	return nil
}

func eventOf(one httptransport.JSONEvent) synckit.Event {
	return &httptransport.SimpleEvent{
		IDValue:          one.ID,
		TypeValue:        one.Type,
		AggregateIDValue: one.AggregateID,
		DataValue:        one.Data,
		MetadataValue:    one.Metadata,
	}
}

func asJSON(one synckit.EventWithVersion) httptransport.JSONEventWithVersion {
	return httptransport.JSONEventWithVersion{
		Event: httptransport.JSONEvent{
			ID:          one.Event.ID(),
			Type:        one.Event.Type(),
			AggregateID: one.Event.AggregateID(),
			Data:        one.Event.Data(),
			Metadata:    one.Event.Metadata(),
		},
		Version: one.Version.String(),
	}
}
