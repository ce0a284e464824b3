package main

import "encoding/json"

// An event as it travels. Data is whatever JSON it was: decoded from the wire its numbers are float64 and
// its keys are sorted when it is written again; from the log it is the stored text.
type event struct {
	ID          string         `json:"id"`
	Type        string         `json:"type"`
	AggregateID string         `json:"aggregate_id"`
	Data        any            `json:"data"`
	Metadata    map[string]any `json:"metadata"`
}

type versioned struct {
	Event   event  `json:"event"`
	Version string `json:"version"`
}

// The cursor of /pull-cursor.
type wireCursor struct {
	Kind string          `json:"kind"`
	Data json.RawMessage `json:"data"`
}
