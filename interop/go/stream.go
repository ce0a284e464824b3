package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

type streamBatch struct {
	Events     []versioned `json:"events"`
	NextCursor *wireCursor `json:"next_cursor"`
}

// The library's stream of events: looks every 200 ms, sends its headers with the first batch, and breaks
// down without a cursor.
func (s server) stream(w http.ResponseWriter, r *http.Request) {
	text := r.URL.Query().Get("cursor")
	if text == "" {
		panic("no cursor: the store is asked for what comes after nil")
	}
	var cursor wireCursor
	if err := json.Unmarshal([]byte(text), &cursor); err != nil {
		http.Error(w, "bad cursor format", http.StatusBadRequest)
		return
	}
	since, err := sequenceOf(&cursor)
	if err != nil {
		http.Error(w, "bad cursor", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Connection", "keep-alive")
	for {
		events, err := s.log.load(since)
		if err != nil {
			return
		}
		if len(events) == 0 {
			select {
			case <-r.Context().Done():
				return
			case <-time.After(200 * time.Millisecond):
			}
			continue
		}
		events = events[:min(len(events), 100)]
		since += int64(len(events))
		next := wireCursor{"integer", json.RawMessage(fmt.Sprint(since))}
		body, _ := json.Marshal(streamBatch{events, &next})
		if _, err := fmt.Fprintf(w, "data: %s\n\n", body); err != nil {
			return
		}
		w.(http.Flusher).Flush()
	}
}

type followed struct {
	// Distinct ids, and those that came again because every connection begins at the beginning.
	Events  int `json:"events"`
	Again   int `json:"again"`
	Batches int `json:"batches"`
	Largest int `json:"largest"`
	// Connections that were made.
	Connections int `json:"connections"`
}

// The library's client of such a stream, until the log holds count events: no cursor, no Accept, ever; only
// lines that begin with "data: " and a space count, and of those only what is JSON. Between connections it
// waits, longer each time that failed.
func (c client) follow(log *log, count int) (followed, error) {
	var result followed
	wait := 250 * time.Millisecond
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		result.Connections++
		ended, err := c.followOnce(log, count, &result)
		if ended {
			result.Events = int(log.latest())
			return result, nil
		}
		if err == nil {
			time.Sleep(150 * time.Millisecond)
			continue
		}
		time.Sleep(wait)
		if wait < 10*time.Second {
			wait *= 2
		}
	}
	return result, fmt.Errorf("only %d of %d events came", log.latest(), count)
}

func (c client) followOnce(log *log, count int, result *followed) (bool, error) {
	response, err := c.http.Get(c.url + "/sse")
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return false, fmt.Errorf("status %d", response.StatusCode)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(make([]byte, 0, 64*1024), 10<<20)
	for lines.Scan() {
		text, isData := strings.CutPrefix(lines.Text(), "data: ")
		var batch streamBatch
		if !isData || json.Unmarshal([]byte(text), &batch) != nil {
			continue
		}
		result.Batches++
		result.Largest = max(result.Largest, len(batch.Events))
		for _, one := range batch.Events {
			if log.store(one.Event) != nil {
				result.Again++
			}
		}
		if int(log.latest()) >= count {
			return true, nil
		}
	}
	return false, lines.Err()
}
