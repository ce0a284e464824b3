package main

import (
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strings"
)

const compressFrom = 1024

func answer(w http.ResponseWriter, r *http.Request, status int, what any) {
	body, err := json.Marshal(what)
	if err != nil {
		refuse(w, r, http.StatusInternalServerError, "failed to marshal response")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	accepted := strings.ToLower(r.Header.Get("Accept-Encoding"))
	if len(body) < compressFrom || !strings.Contains(accepted, "gzip") {
		w.WriteHeader(status)
		_, _ = w.Write(body)
		return
	}
	w.Header().Set("Vary", "Accept-Encoding")
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	packed := gzip.NewWriter(w)
	defer packed.Close()
	_, _ = packed.Write(body)
}

func refuse(w http.ResponseWriter, r *http.Request, status int, message string) {
	answer(w, r, status, map[string]string{"error": message})
}
