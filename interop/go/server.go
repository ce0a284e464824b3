package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// The server of v0.16: no limit on a pull, and a push that says "ok" whatever became of its events.
type server struct {
	log     *log
	cursors bool
}

func (s server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/sync")
	if path == "/pull-cursor" && !s.cursors {
		path = ""
	}
	switch path {
	case "/push":
		s.push(w, r)
	case "/pull":
		s.pull(w, r)
	case "/latest-version":
		s.latest(w, r)
	case "/pull-cursor":
		s.pullCursor(w, r)
	case "/sse":
		s.stream(w, r)
	default:
		refuse(w, r, http.StatusNotFound, "not found")
	}
}

func (s server) push(w http.ResponseWriter, r *http.Request) {
	var events []versioned
	if !readBody(w, r, &events) {
		return
	}
	for _, one := range events {
		// What has a bad version or a known id is dropped, and nobody hears of it.
		if _, err := storeVersion(one.Version); err == nil {
			_ = s.log.store(one.Event)
		}
	}
	answer(w, r, http.StatusOK, map[string]string{"status": "ok"})
}

func (s server) pull(w http.ResponseWriter, r *http.Request) {
	if !isGet(w, r) {
		return
	}
	since, err := storeVersion(r.URL.Query().Get("since"))
	if err != nil {
		refuse(w, r, http.StatusBadRequest, "invalid 'since' version: "+err.Error())
		return
	}
	events, err := s.log.load(since)
	if err != nil {
		refuse(w, r, http.StatusInternalServerError, "could not load events")
		return
	}
	answer(w, r, http.StatusOK, events)
}

func (s server) latest(w http.ResponseWriter, r *http.Request) {
	if isGet(w, r) {
		answer(w, r, http.StatusOK, fmt.Sprint(s.log.latest()))
	}
}

type cursorRequest struct {
	Since *wireCursor `json:"since,omitempty"`
	Limit int         `json:"limit,omitempty"`
}

type cursorPage struct {
	Events []versioned `json:"events"`
	Next   *wireCursor `json:"next,omitempty"`
}

func (s server) pullCursor(w http.ResponseWriter, r *http.Request) {
	var asked cursorRequest
	if !readBody(w, r, &asked) {
		return
	}
	since, err := sequenceOf(asked.Since)
	if err != nil {
		refuse(w, r, http.StatusBadRequest, err.Error())
		return
	}
	events, err := s.log.load(since)
	if err != nil {
		refuse(w, r, http.StatusInternalServerError, "could not load events")
		return
	}
	limit := asked.Limit
	if limit <= 0 || limit > 1000 {
		limit = 200
	}
	page := cursorPage{Events: events[:min(limit, len(events))]}
	if count := len(page.Events); count > 0 {
		page.Next = &wireCursor{"integer", json.RawMessage(page.Events[count-1].Version)}
	}
	answer(w, r, http.StatusOK, page)
}

const maxCursor = 64 * 1024

func sequenceOf(cursor *wireCursor) (int64, error) {
	var sequence uint64
	switch {
	case cursor == nil:
		return 0, nil
	case len(cursor.Data) > maxCursor:
		return 0, fmt.Errorf("bad cursor: cursor payload too large: %d bytes", len(cursor.Data))
	case cursor.Kind == "vector":
		var clock map[string]uint64
		if err := json.Unmarshal(cursor.Data, &clock); err != nil {
			return 0, fmt.Errorf("bad cursor: %w", err)
		}
		return 0, errors.New("cursor kind not supported by this store")
	case cursor.Kind != "integer":
		return 0, fmt.Errorf("bad cursor: unknown cursor kind: %s", cursor.Kind)
	}
	if err := json.Unmarshal(cursor.Data, &sequence); err != nil {
		return 0, fmt.Errorf("bad cursor: %w", err)
	}
	return int64(sequence), nil // above 2^63-1 it turns negative, which means everything
}

func isGet(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet {
		return true
	}
	refuse(w, r, http.StatusMethodNotAllowed, "method not allowed")
	return false
}
