package main

import (
	"context"
	"fmt"

	"github.com/c0deZ3R0/go-sync-kit/synckit"
	"github.com/c0deZ3R0/go-sync-kit/transport/httptransport"
)

func writeSamples(ctx context.Context, store synckit.EventStore, rest string) (any, error) {
	var count int
	var prefix string
	if _, err := fmt.Sscanf(rest, "%d %s", &count, &prefix); err != nil {
		return nil, fmt.Errorf("write COUNT PREFIX: %w", err)
	}
	for number := 1; number <= count; number++ {
		if err := store.Store(ctx, sample(prefix, number), nil); err != nil {
			return nil, err
		}
	}
	return count, nil
}

// An event with what tends to get lost on the way, as interop/go writes them.
func sample(prefix string, number int) synckit.Event {
	one := &httptransport.SimpleEvent{
		IDValue:          fmt.Sprintf("%s-%d", prefix, number),
		TypeValue:        []string{"AccountOpened", "MoneyDeposited", "Größe<&>"}[number%3],
		AggregateIDValue: fmt.Sprintf("account-%d", number%10),
		DataValue: map[string]any{
			"zeta":   number,
			"note":   "a <b> & c \u2028 é 😀 \"quoted\" \\ end",
			"amount": float64(number) / 7,
			"large":  int64(9007199254740993),
			"nested": map[string]any{"list": []any{1, 2.5, nil, true, "x"}, "empty": map[string]any{}},
		},
		MetadataValue: map[string]any{"tenant": "acme", "priority": number % 10, "writer": prefix},
	}
	switch number % 7 {
	case 0:
		one.DataValue = nil
	case 1:
		one.MetadataValue = nil
	}
	return one
}
