package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Does one thing with the words after its name, and returns what to answer.
type order func(words []string) (any, error)

// Reads orders until the input ends. Those that every process knows:
//
//	write COUNT PREFIX    appends events PREFIX-1 … to the log
//	put EVENTS            appends these, a JSON array
//	fail COUNT            lets the next COUNT writes to the log fail
//	forget                loses the log, as a store that comes back empty
//	dump                  all of the log
func obey(log *log, own map[string]order) {
	orders := map[string]order{
		"write":  func(words []string) (any, error) { return write(log, words) },
		"put":    func(words []string) (any, error) { return put(log, words) },
		"fail":   func(words []string) (any, error) { return failing(log, words) },
		"forget": func([]string) (any, error) { return log.forget(), nil },
		"dump":   func([]string) (any, error) { return log.load(0) },
	}
	for name, each := range own {
		orders[name] = each
	}
	lines := bufio.NewReader(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		result, err := follow(orders[name], name, rest)
		if err != nil {
			result = map[string]string{"error": err.Error()}
		}
		_ = answers.Encode(result)
	}
}

// Those of a client:
//
//	push [COUNT]               everything in its log, COUNT events a request (default all in one)
//	pull [SINCE]               one request, and stores what comes
//	pull-cursor LIMIT          page by page, and stores what comes
//	latest                     the server's latest version
//	follow COUNT               stores what its stream of events brings, until COUNT are here
//	sync [push-only|pull-only] a round of the SyncManager
func clientOrders(log *log, client client) map[string]order {
	manager := manager{log, client}
	return map[string]order{
		"push":        func(words []string) (any, error) { return pushAll(log, client, words) },
		"pull":        func(words []string) (any, error) { return pullOnce(log, client, words) },
		"pull-cursor": func(words []string) (any, error) { return pullPages(log, client, words) },
		"latest":      func([]string) (any, error) { return client.latest() },
		"follow":      func(words []string) (any, error) { return followStream(log, client, words) },
		"sync": func(words []string) (any, error) {
			return manager.sync(words[0] != "push-only", words[0] != "pull-only"), nil
		},
	}
}

// The rest of the line counts as one word for orders that take JSON, so the first is always there.
func follow(does order, name string, rest string) (any, error) {
	if does == nil {
		return nil, fmt.Errorf("no such order: %s", name)
	}
	if name == "put" {
		return does([]string{rest})
	}
	return does(strings.Split(rest, " "))
}

func write(log *log, words []string) (any, error) {
	if len(words) != 2 {
		return nil, fmt.Errorf("write COUNT PREFIX")
	}
	count, err := strconv.Atoi(words[0])
	if err != nil {
		return nil, err
	}
	for number := 1; number <= count; number++ {
		if err := log.store(sample(words[1], number)); err != nil {
			return nil, err
		}
	}
	return count, nil
}

func put(log *log, words []string) (any, error) {
	var events []event
	if err := json.Unmarshal([]byte(words[0]), &events); err != nil {
		return nil, err
	}
	for _, one := range events {
		if err := log.store(one); err != nil {
			return nil, err
		}
	}
	return len(events), nil
}

func failing(log *log, words []string) (any, error) {
	count, err := strconv.Atoi(words[0])
	if err == nil {
		log.fail(count)
	}
	return count, err
}

func pushAll(log *log, client client, words []string) (any, error) {
	events, err := log.load(0)
	if err != nil {
		return nil, err
	}
	size := max(len(events), 1)
	if words[0] != "" {
		if size, err = strconv.Atoi(words[0]); err != nil {
			return nil, err
		}
	}
	for at := 0; at < len(events); at += size {
		if err := client.push(events[at:min(at+size, len(events))]); err != nil {
			return nil, err
		}
	}
	return len(events), nil
}

func pullOnce(log *log, client client, words []string) (any, error) {
	since, err := storeVersion(words[0])
	if err != nil {
		return nil, err
	}
	events, err := client.pull(since)
	if err != nil {
		return nil, err
	}
	return len(events), storeAll(log, events)
}

func pullPages(log *log, client client, words []string) (any, error) {
	limit, err := strconv.Atoi(words[0])
	if err != nil {
		return nil, err
	}
	pulled := 0
	for next := (*wireCursor)(nil); ; {
		page, err := client.pullCursor(next, limit)
		if err != nil {
			return nil, err
		}
		if err := storeAll(log, page.Events); err != nil {
			return nil, err
		}
		pulled += len(page.Events)
		if page.Next == nil {
			return pulled, nil
		}
		next = page.Next
	}
}

func followStream(log *log, client client, words []string) (any, error) {
	count, err := strconv.Atoi(words[0])
	if err != nil {
		return nil, err
	}
	return client.follow(log, count)
}

func storeAll(log *log, events []versioned) error {
	for _, one := range events {
		if err := log.store(one.Event); err != nil {
			return err
		}
	}
	return nil
}
