package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// What the library's SQLite store does, in memory: it numbers rows from 1 whatever version an event comes
// with, keeps data and metadata as JSON text, and refuses an id it has.
type log struct {
	mutex sync.Mutex
	rows  []row
	ids   map[string]bool
	// How many writes are still to fail, as when the disk is full.
	failing int
}

type row struct {
	version  int64
	event    event
	data     json.RawMessage
	metadata json.RawMessage
}

func newLog() *log {
	return &log{ids: map[string]bool{}}
}

func (l *log) store(one event) error {
	data, err := json.Marshal(one.Data)
	if err != nil {
		return err
	}
	metadata, err := json.Marshal(one.Metadata)
	if err != nil {
		return err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.failing > 0 {
		l.failing--
		return errors.New("database or disk is full")
	}
	if l.ids[one.ID] {
		return fmt.Errorf("UNIQUE constraint failed: events.id (%q)", one.ID)
	}
	l.ids[one.ID] = true
	l.rows = append(l.rows, row{int64(len(l.rows)) + 1, one, data, metadata})
	return nil
}

// Everything after a version; all of it after a negative one.
func (l *log) load(since int64) ([]versioned, error) {
	l.mutex.Lock()
	rows := l.rows[min(max(since, 0), int64(len(l.rows))):]
	l.mutex.Unlock()
	found := make([]versioned, 0, len(rows))
	for _, each := range rows {
		one := each.event
		one.Data = each.data
		one.Metadata = nil
		if err := json.Unmarshal(each.metadata, &one.Metadata); err != nil {
			return nil, err
		}
		found = append(found, versioned{one, fmt.Sprint(each.version)})
	}
	return found, nil
}

func (l *log) fail(writes int) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.failing = writes
}

// Returns how many events that were.
func (l *log) forget() int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	count := len(l.rows)
	l.rows = nil
	l.ids = map[string]bool{}
	return count
}

func (l *log) latest() int64 {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return int64(len(l.rows))
}
