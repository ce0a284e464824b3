package main

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	remote "github.com/benitogf/ooo/io"
)

// Writers at once, each with one call under way. A call that fails is made again until it is answered: what it
// writes is the same, and so is the index that ooo's client has drawn for a push.
type writers struct {
	config  remote.RemoteConfig
	done    atomic.Int64
	again   atomic.Int64
	reached func(done int64)
}

const patience = 100 * time.Second

func (w *writers) run(histories []*history) error {
	var all sync.WaitGroup
	failures := make([]error, len(histories))
	for at, h := range histories {
		all.Go(func() {
			for _, next := range h.steps {
				if failures[at] = w.take(next); failures[at] != nil {
					return
				}
				w.reached(w.done.Add(1))
			}
		})
	}
	all.Wait()
	return errors.Join(failures...)
}

func (w *writers) take(next step) error {
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err = w.write(next); err == nil || w.isGone(next) {
			return nil
		}
		w.again.Add(1)
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
