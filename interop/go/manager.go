package main

import "fmt"

// What the library's SyncManager does: it pulls what comes after the end of its own log, as if the two
// counted alike, and pushes what its own log holds after the end of the server's. Trouble is only noted.
type manager struct {
	log    *log
	client client
}

type syncResult struct {
	Pushed int      `json:"pushed"`
	Pulled int      `json:"pulled"`
	Errors []string `json:"errors"`
}

const batchSize = 100

func (m manager) sync(pulls bool, pushes bool) syncResult {
	result := syncResult{Errors: []string{}}
	if pulls {
		if err := m.pull(&result); err != nil {
			result.Errors = append(result.Errors, "pull: "+err.Error())
		}
	}
	if pushes {
		if err := m.push(&result); err != nil {
			result.Errors = append(result.Errors, "push: "+err.Error())
		}
	}
	return result
}

func (m manager) pull(result *syncResult) error {
	events, err := m.client.pull(m.log.latest())
	if err != nil {
		return err
	}
	// No conflict is ever found: the local events it looks at are those after the end of the local log.
	for at, one := range events {
		if err := m.log.store(one.Event); err != nil {
			// Those before this one stay, and are not counted.
			return fmt.Errorf("event %d of %d: %w", at+1, len(events), err)
		}
	}
	result.Pulled = len(events)
	return nil
}

func (m manager) push(result *syncResult) error {
	latest, err := m.client.latest()
	if err != nil {
		return err
	}
	events, err := m.log.load(latest)
	if err != nil {
		return err
	}
	for len(events) > 0 {
		batch := events[:min(batchSize, len(events))]
		if err := m.client.push(batch); err != nil {
			return err
		}
		result.Pushed += len(batch)
		events = events[len(batch):]
	}
	return nil
}
