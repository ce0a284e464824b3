package main

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
)

// What one writer does, drawn beforehand: so it is known how its objects stand after each of its steps, and
// whoever has seen one of these states can be told how far it has got.
type history struct {
	writer int
	steps  []step
	// After so many steps: the writer's objects as text.
	states []string
	// The same of the one object that is followed by itself.
	alone []string
}

type step struct {
	kind   kind
	index  string
	number int64
	item   item
}

type kind int

const (
	set kind = iota
	push
	patch
	del
)

// An object of a writer. Patches leave its text alone; everything else tells the step that it comes from.
type item struct {
	Writer int    `json:"writer"`
	Number int64  `json:"number"`
	N      int64  `json:"n"`
	U      uint64 `json:"u"`
	Text   string `json:"text"`
}

type change struct {
	Number int64  `json:"number"`
	N      int64  `json:"n"`
	U      uint64 `json:"u"`
}

func drawHistory(writer int, steps int, seed int64) *history {
	random := rand.New(rand.NewSource(seed + int64(writer)))
	h := &history{writer: writer, states: []string{""}, alone: []string{""}}
	objects := map[string]item{}
	for number := int64(1); number <= int64(steps); number++ {
		index := fmt.Sprintf("w%d-%d", writer, random.Intn(5))
		next := step{kind: set, index: index, number: number, item: item{
			writer, number, numberOf(number), uint64(1<<64-1) - uint64(number), strings.Repeat("ü", random.Intn(60)),
		}}
		before, exists := objects[index]
		switch draw := random.Intn(16); {
		case draw < 2:
			next.kind, next.index = push, fmt.Sprintf("+%d", number)
		case draw < 10 && exists:
			next.kind, next.item.Text = patch, before.Text
		case draw < 12 && exists:
			next.kind = del
		}
		objects[next.index] = next.item
		if next.kind == del {
			delete(objects, next.index)
		}
		h.steps = append(h.steps, next)
		h.states = append(h.states, textOf(objects))
		h.alone = append(h.alone, shown(objects[h.followed()]))
	}
	return h
}

// Beyond 2^53, and odd: float64 would make another number of it.
func numberOf(number int64) int64 {
	return 1<<60 + 2*number + 1
}

func (h *history) followed() string {
	return fmt.Sprintf("w%d-0", h.writer)
}

func textOf(objects map[string]item) string {
	lines := make([]string, 0, len(objects))
	for index, one := range objects {
		lines = append(lines, index+shown(one))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func shown(one item) string {
	if one.Number == 0 {
		return ""
	}
	return fmt.Sprintf(" %d %d %d %d %s", one.Writer, one.Number, one.N, one.U, one.Text)
}

// The first state from `at` on that reads so, or -1: none does, or only one that was already over.
func place(states []string, at int, text string) int {
	found := slices.Index(states[at:], text)
	if found < 0 {
		return -1
	}
	return at + found
}
