package main

import (
	"net/http"
	"strconv"
	"strings"
)

// The server of v0.22: as before, except that /pull answers 100 events unless asked for up to 1,000, says
// nothing of there being more, filters, and wraps its errors.
type laterServer struct {
	server
}

func (s laterServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.TrimPrefix(r.URL.Path, "/sync") == "/pull" {
		s.pull(w, r)
		return
	}
	s.server.ServeHTTP(w, r)
}

func (s laterServer) pull(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		refusePull(w, r, http.StatusBadRequest, "INVALID_REQUEST", "method not allowed")
		return
	}
	query := r.URL.Query()
	since, err := storeVersion(query.Get("since"))
	if err != nil {
		refusePull(w, r, http.StatusBadRequest, "INVALID_CURSOR", "invalid 'since' version: "+err.Error())
		return
	}
	limit := 100
	if text := query.Get("limit"); text != "" {
		limit, err = strconv.Atoi(text)
		if err != nil || limit < 1 || limit > 1000 {
			refusePull(w, r, http.StatusBadRequest, "INVALID_CURSOR", "invalid limit: "+text)
			return
		}
	}
	events, err := s.log.load(since)
	if err != nil {
		refusePull(w, r, http.StatusInternalServerError, "INTERNAL_ERROR", "could not load events")
		return
	}
	tenant := r.Header.Get("X-SyncKit-Tenant")
	if tenant == "" {
		tenant = query.Get("tenant")
	}
	page := make([]versioned, 0, limit)
	for _, one := range events {
		if len(page) == limit {
			break
		}
		if agrees(query.Get("type"), one.Event.Type) &&
			agrees(query.Get("aggregate_id"), one.Event.AggregateID) &&
			agrees(tenant, one.Event.Metadata["tenant"]) {
			page = append(page, one)
		}
	}
	answer(w, r, http.StatusOK, page)
}

func agrees(wanted string, found any) bool {
	return wanted == "" || found == any(wanted)
}

func refusePull(w http.ResponseWriter, r *http.Request, status int, code string, message string) {
	answer(w, r, status, map[string]any{"error": map[string]string{
		"code": code, "message": message, "op": "httptransport.Pull",
	}})
}
