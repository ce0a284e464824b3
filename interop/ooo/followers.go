package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/benitogf/ooo/client"
)

// One who follows by ooo's client, and holds each value it is told against what the writers do: it has to be
// what they had at some moment, and never an earlier one than before.
type follower struct {
	path string
	// What each of those who write there had after so many steps.
	states [][]string
	mu     sync.Mutex
	// How far it has seen each of them.
	seen     []int
	last     []client.Meta[item]
	messages int64
	lost     int64
	wrong    error
}

func followList(config client.SubscribeConfig, histories []*history) *follower {
	f := &follower{path: "things/*", seen: make([]int, len(histories))}
	for _, h := range histories {
		f.states = append(f.states, h.states)
	}
	go client.SubscribeList(config, f.path, client.SubscribeListEvents[item]{
		OnMessage: func(list []client.Meta[item]) { f.hear(list, func() error { return f.placeList(list) }) },
		OnError:   f.lose,
	})
	return f
}

func followOne(config client.SubscribeConfig, h *history) *follower {
	f := &follower{path: "things/" + h.followed(), states: [][]string{h.alone}, seen: make([]int, 1)}
	go client.Subscribe(config, f.path, client.SubscribeEvents[item]{
		OnMessage: func(one client.Meta[item]) {
			f.hear([]client.Meta[item]{one}, func() error { return f.move(0, shown(one.Data)) })
		},
		OnError: f.lose,
	})
	return f
}

func (f *follower) placeList(list []client.Meta[item]) error {
	objects := make([]map[string]item, len(f.states))
	for writer := range objects {
		objects[writer] = map[string]item{}
	}
	for at, one := range list {
		if at > 0 && list[at-1].Created <= one.Created {
			return fmt.Errorf("%s stands before %s, which is newer", list[at-1].Index, one.Index)
		}
		index := one.Index
		if !strings.HasPrefix(index, "w") {
			index = fmt.Sprintf("+%d", one.Data.Number)
		}
		own := objects[one.Data.Writer]
		if _, twice := own[index]; twice {
			return fmt.Errorf("%s is there twice", one.Index)
		}
		own[index] = one.Data
	}
	for writer := range f.states {
		if err := f.move(writer, textOf(objects[writer])); err != nil {
			return err
		}
	}
	return nil
}

func (f *follower) move(writer int, text string) error {
	next := place(f.states[writer], f.seen[writer], text)
	if next < 0 {
		return fmt.Errorf("%s: after step %d writer %d never had\n%s", f.path, f.seen[writer], writer, text)
	}
	f.seen[writer] = next
	return nil
}

func (f *follower) hear(list []client.Meta[item], place func() error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.messages++
	f.last = list
	if f.wrong == nil {
		f.wrong = place()
	}
}

func (f *follower) lose(error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lost++
}

func (f *follower) wasCut() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lost > 0
}

func (f *follower) heard() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.messages
}

const patience = 100 * time.Second

// Waits until the last that it was told is what GET answers; that has to be how all the steps leave it.
func (f *follower) agrees(config client.SubscribeConfig) error {
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		f.mu.Lock()
		wrong, last, missing := f.wrong, f.last, f.missing()
		f.mu.Unlock()
		if wrong != nil {
			return wrong
		}
		if err = sameAsPlain(config.Server.Host, config.Header, f.path, last); err == nil {
			return missing
		}
	}
	return err
}

func (f *follower) missing() error {
	for writer, states := range f.states {
		if states[f.seen[writer]] != states[len(states)-1] {
			return fmt.Errorf("%s: what writer %d did after step %d is missing", f.path, writer, f.seen[writer])
		}
	}
	return nil
}
