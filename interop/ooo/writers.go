package main

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	remote "github.com/benitogf/ooo/io"
)

// Writers at once, each with one call under way. ooo's client sends again what got no answer: that writes the
// same once more, and a push to the index that the client has drawn for it.
type writers struct {
	config  remote.RemoteConfig
	done    atomic.Int64
	failed  atomic.Int64
	reached func(done int64) error
}

func newWriters(host string, header http.Header) *writers {
	w := &writers{}
	w.config = remote.RemoteConfig{
		Client: &http.Client{Transport: w}, Host: host, Header: header,
		// The last of these waits is half of all.
		Retry: remote.RetryConfig{MaxRetries: 12, RetryDelay: 20 * time.Millisecond},
	}
	return w
}

// Counts the requests without an answer.
func (w *writers) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		w.failed.Add(1)
	}
	return response, err
}

func (w *writers) run(histories []*history) error {
	var all sync.WaitGroup
	failures := make([]error, len(histories))
	for at, h := range histories {
		all.Go(func() {
			for _, next := range h.steps {
				if failures[at] = w.take(next); failures[at] != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return errors.Join(failures...)
}

func (w *writers) take(next step) error {
	err := w.write(next)
	if err == nil || w.isGone(next) {
		return w.reached(w.done.Add(1))
	}
	return fmt.Errorf("step %d on %s: %w", next.number, next.index, err)
}

func (w *writers) write(next step) error {
	path := "things/" + next.index
	switch next.kind {
	case push:
		return remote.RemotePush(w.config, "things/*", next.item)
	case patch:
		return remote.RemotePatch(w.config, path, change{next.item.Number, next.item.N, next.item.U})
	case del:
		return remote.RemoteDelete(w.config, path)
	default:
		return remote.RemoteSet(w.config, path, next.item)
	}
}

// A delete whose answer got lost is answered by a 404 the next time.
func (w *writers) isGone(next step) bool {
	if next.kind != del {
		return false
	}
	_, err := remote.RemoteGet[item](w.config, "things/"+next.index)
	return errors.Is(err, remote.ErrEmptyKey)
}
