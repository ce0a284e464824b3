package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
)

// A program in Go that uses a state server as ooo's own Go client does: POST, PATCH, DELETE and GET by net/http,
// subscriptions whose patches it applies to what encoding/json has read, times in int64.
type stateClient struct {
	host string
}

// What ooo's Go client reads objects into.
type object struct {
	Created int64           `json:"created"`
	Updated int64           `json:"updated"`
	Index   string          `json:"index"`
	Path    string          `json:"path"`
	Data    json.RawMessage `json:"data"`
}

func (c stateClient) call(method string, path string, body any) (int, []byte, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	request, err := http.NewRequest(method, "http://"+c.host+"/"+path, bytes.NewReader(data))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, text, err
}

// One who follows a path: what it was told, with each number as it came.
type follower struct {
	mu       sync.Mutex
	value    any
	version  string
	messages int
	failed   error
	socket   *socket
}

func followState(host string, path string, version string, value any) (*follower, error) {
	asked := path
	if version != "" {
		asked += "?v=" + version
	}
	socket, err := dial(host, asked)
	if err != nil {
		return nil, err
	}
	f := &follower{value: value, version: version, socket: socket}
	go func() {
		for {
			text, err := socket.next()
			if err == nil {
				err = f.hear(text)
			}
			if err != nil {
				f.mu.Lock()
				f.failed = err
				f.mu.Unlock()
				return
			}
		}
	}()
	return f, nil
}

func (f *follower) hear(text []byte) error {
	var message struct {
		Data     json.RawMessage `json:"data"`
		Version  string          `json:"version"`
		Snapshot bool            `json:"snapshot"`
	}
	if err := json.Unmarshal(text, &message); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.messages++
	f.version = message.Version
	if message.Snapshot {
		return exactly(message.Data, &f.value)
	}
	var operations []operation
	if err := exactly(message.Data, &operations); err != nil {
		return err
	}
	value, err := patched(f.value, operations)
	f.value = value
	return err
}

// Waits until what it was told is what GET answers, digit for digit.
func (f *follower) agrees(client stateClient, path string) error {
	var last string
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		status, text, err := client.call(http.MethodGet, path, nil)
		if err != nil {
			return err
		}
		if status == http.StatusNotFound {
			text = []byte(`{"created":0,"updated":0,"index":"","data":{}}`)
		}
		var answered any
		if err := exactly(text, &answered); err != nil {
			return err
		}
		f.mu.Lock()
		same, failed := reflect.DeepEqual(answered, f.value), f.failed
		last = fmt.Sprint(f.value)
		f.mu.Unlock()
		if failed != nil {
			return failed
		}
		if same {
			return nil
		}
	}
	return fmt.Errorf("%s is followed to something else than GET answers: %.300s", path, last)
}

func exactly(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}

type stateCounts struct {
	Sets, Pushes, Patches, Deletes, Refused, Messages, Objects int64
}

// Four writers at once while a list and an object are followed; then what was told is compared with GET, a
// subscription is resumed, and the list is deleted.
func useState(host string, writes int, seed int64) (counts stateCounts, err error) {
	client := stateClient{host}
	list, err := followState(host, "things/*", "", nil)
	if err != nil {
		return counts, err
	}
	one, err := followState(host, "things/a", "", nil)
	if err != nil {
		return counts, err
	}
	if err := writeAtOnce(client, writes, seed, &counts); err != nil {
		return counts, err
	}
	if status, text, err := client.call(http.MethodPost, "things/a", map[string]any{"n": int64(1<<62 + 1)}); err != nil || status != 200 {
		return counts, fmt.Errorf("%d %s %v", status, text, err)
	}
	if err := list.agrees(client, "things/*"); err != nil {
		return counts, err
	}
	if err := one.agrees(client, "things/a"); err != nil {
		return counts, err
	}
	if counts.Objects, err = checkObjects(client); err != nil {
		return counts, err
	}
	if err := resume(client, one); err != nil {
		return counts, err
	}
	if status, text, err := client.call(http.MethodDelete, "things/*", nil); err != nil || status != http.StatusNoContent {
		return counts, fmt.Errorf("%d %s %v", status, text, err)
	}
	if err := list.agrees(client, "things/*"); err != nil {
		return counts, err
	}
	counts.Messages = int64(list.messages + one.messages)
	return counts, nil
}

func writeAtOnce(client stateClient, writes int, seed int64, counts *stateCounts) error {
	errors := make(chan error, 4)
	for writer := range int64(4) {
		go func() {
			random := rand.New(rand.NewSource(seed + writer))
			for range writes / 4 {
				if err := writeOnce(client, random, counts); err != nil {
					errors <- err
					return
				}
			}
			errors <- nil
		}()
	}
	var first error
	for range 4 {
		if err := <-errors; err != nil && first == nil {
			first = err
		}
	}
	return first
}

func writeOnce(client stateClient, random *rand.Rand, counts *stateCounts) error {
	path := "things/" + string(rune('a'+random.Intn(5)))
	big := map[string]any{"name": path, "n": random.Int63(), "log": make([]int, random.Intn(40))}
	method, body, count := http.MethodPost, any(big), &counts.Sets
	switch random.Intn(8) {
	case 0, 1:
		path, count = "things/*", &counts.Pushes
	case 2, 3, 4:
		method, body, count = http.MethodPatch, map[string]any{"n": random.Int63()}, &counts.Patches
	case 5:
		method, body, count = http.MethodDelete, nil, &counts.Deletes
	}
	status, text, err := client.call(method, path, body)
	if err != nil {
		return err
	}
	if status == http.StatusNotFound && method != http.MethodPost {
		atomic.AddInt64(&counts.Refused, 1)
		return nil
	}
	if status >= 300 {
		return fmt.Errorf("%s %s: %d %s", method, path, status, text)
	}
	atomic.AddInt64(count, 1)
	return nil
}

// The list as ooo's Go client reads it: newest first, times that int64 holds.
func checkObjects(client stateClient) (int64, error) {
	_, text, err := client.call(http.MethodGet, "things/*", nil)
	if err != nil {
		return 0, err
	}
	var all []object
	if err := json.Unmarshal(text, &all); err != nil {
		return 0, err
	}
	for i, one := range all {
		if one.Created < 1e18 || one.Path != "things/"+one.Index || len(one.Data) == 0 {
			return 0, fmt.Errorf("no object of ooo's: %+v", one)
		}
		if i > 0 && all[i-1].Created < one.Created {
			return 0, fmt.Errorf("%s stands before %s", all[i-1].Path, one.Path)
		}
	}
	return int64(len(all)), nil
}

// Leaves and comes back with the version: nothing is told until something changes.
func resume(client stateClient, left *follower) error {
	if err := left.socket.conn.Close(); err != nil {
		return err
	}
	left.mu.Lock()
	version, value := left.version, left.value
	left.mu.Unlock()
	back, err := followState(client.host, "things/a", version, value)
	if err != nil {
		return err
	}
	if _, _, err := client.call(http.MethodPatch, "things/a", map[string]any{"more": 1}); err != nil {
		return err
	}
	if err := back.agrees(client, "things/a"); err != nil {
		return err
	}
	back.mu.Lock()
	defer back.mu.Unlock()
	if back.messages != 1 {
		return fmt.Errorf("%d messages after coming back instead of one", back.messages)
	}
	return nil
}
