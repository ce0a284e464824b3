package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// The library's HTTP client with its defaults.
type client struct {
	url  string
	http *http.Client
}

func newClient(url string) client {
	return client{url, &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}}
}

func (c client) push(events []versioned) error {
	if len(events) == 0 {
		return nil
	}
	body, err := json.Marshal(events)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodPost, c.url+"/push", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept-Encoding", "gzip, deflate")
	if len(body) > compressFrom {
		var packed bytes.Buffer
		writer := gzip.NewWriter(&packed)
		if _, err := writer.Write(body); err != nil {
			return err
		}
		if err := writer.Close(); err != nil {
			return err
		}
		// GetBody stays what it was, as in the library: a redirect sends the wrong bytes.
		request.Body = io.NopCloser(&packed)
		request.ContentLength = int64(packed.Len())
		request.Header.Set("Content-Encoding", "gzip")
	}
	return c.do(request, nil)
}

func (c client) pull(since int64) ([]versioned, error) {
	request, err := http.NewRequest(http.MethodGet, fmt.Sprintf("%s/pull?since=%d", c.url, since), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Encoding", "gzip, deflate")
	var events []versioned
	if err := c.do(request, &events); err != nil {
		return nil, err
	}
	for _, one := range events {
		if _, err := clientVersion(one.Version); err != nil {
			return nil, fmt.Errorf("invalid version in response: %w", err)
		}
	}
	return events, nil
}

func (c client) latest() (int64, error) {
	// Without an Accept-Encoding of its own, so that Go asks for gzip and unpacks it by itself.
	request, err := http.NewRequest(http.MethodGet, c.url+"/latest-version", nil)
	if err != nil {
		return 0, err
	}
	var text string
	if err := c.do(request, &text); err != nil {
		return 0, err
	}
	version, err := clientVersion(text)
	if err != nil {
		return 0, fmt.Errorf("invalid version format: %w", err)
	}
	return version, nil
}

func (c client) pullCursor(since *wireCursor, limit int) (cursorPage, error) {
	body, err := json.Marshal(cursorRequest{since, limit})
	if err != nil {
		return cursorPage{}, err
	}
	request, err := http.NewRequest(http.MethodPost, c.url+"/pull-cursor", bytes.NewReader(body))
	if err != nil {
		return cursorPage{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	var page cursorPage
	return page, c.do(request, &page)
}

const (
	maxAnswer         = 10 << 20
	maxUnpackedAnswer = 20 << 20
)

// Sends a request and decodes the answer, if anybody wants it. Only 200 is good.
func (c client) do(request *http.Request, into any) error {
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("network error: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		return fmt.Errorf("server error (status %d): %s", response.StatusCode, text)
	}
	if into == nil {
		return nil
	}
	var body io.Reader = io.LimitReader(response.Body, maxAnswer)
	if strings.EqualFold(response.Header.Get("Content-Encoding"), "gzip") {
		packed, err := gzip.NewReader(body)
		if err != nil {
			return err
		}
		body = &limited{packed, maxUnpackedAnswer}
	}
	err = json.NewDecoder(body).Decode(into)
	if errors.Is(err, errUnpackedTooLarge) {
		return errors.New("decompressed body exceeds limit")
	}
	return err
}
