package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const (
	maxBody     = 10 << 20
	maxUnpacked = 20 << 20
)

var errUnpackedTooLarge = errors.New("decompressed data exceeds maximum size limit")

// Reads the JSON of a request into what; answers and returns false when it can't.
func readBody(w http.ResponseWriter, r *http.Request, what any) bool {
	if r.Method != http.MethodPost {
		refuse(w, r, http.StatusMethodNotAllowed, "method not allowed")
		return false
	}
	if kind := r.Header.Get("Content-Type"); kind != "" && !strings.HasPrefix(kind, "application/json") {
		refuse(w, r, http.StatusUnsupportedMediaType, "unsupported media type")
		return false
	}
	if r.ContentLength > maxBody {
		refuse(w, r, http.StatusRequestEntityTooLarge,
			fmt.Sprintf("request body too large: maximum size is %d bytes", maxBody))
		return false
	}
	err := decodeBody(w, r, what)
	if err == nil {
		return true
	}
	refuse(w, r, statusOf(err), err.Error())
	return false
}

func decodeBody(w http.ResponseWriter, r *http.Request, what any) error {
	var body io.Reader = http.MaxBytesReader(w, r.Body, maxBody)
	switch encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); encoding {
	case "":
	case "gzip":
		packed, err := gzip.NewReader(body)
		if err != nil {
			return fmt.Errorf("invalid gzip data: %w", err)
		}
		body = &limited{packed, maxUnpacked}
	default:
		return unsupported(encoding)
	}
	// Only the first value of the body: what follows it is never looked at.
	err := json.NewDecoder(body).Decode(what)
	if err == io.EOF {
		return errors.New("empty request body")
	}
	return err
}

type unsupported string

func (encoding unsupported) Error() string {
	return fmt.Sprintf("unsupported content encoding: %s (only gzip is supported)", string(encoding))
}

func statusOf(err error) int {
	var tooLarge *http.MaxBytesError
	var encoding unsupported
	switch {
	case errors.Is(err, errUnpackedTooLarge), errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.As(err, &encoding):
		return http.StatusUnsupportedMediaType
	default:
		return http.StatusBadRequest
	}
}

// Fails once more than left bytes were read.
type limited struct {
	from io.Reader
	left int64
}

func (l *limited) Read(into []byte) (int, error) {
	count, err := l.from.Read(into)
	if l.left -= int64(count); l.left < 0 {
		return 0, errUnpackedTooLarge
	}
	return count, err
}
