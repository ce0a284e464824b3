package main

import "fmt"

// An event with what tends to get lost on the way: characters that Go escapes, numbers that don't fit a
// float64, keys out of order, and now and then nothing at all.
func sample(prefix string, number int) event {
	one := event{
		ID:          fmt.Sprintf("%s-%d", prefix, number),
		Type:        []string{"AccountOpened", "MoneyDeposited", "Größe<&>"}[number%3],
		AggregateID: fmt.Sprintf("account-%d", number%10),
		Data: map[string]any{
			"zeta":   number,
			"note":   "a <b> & c \u2028 é 😀 \"quoted\" \\ end",
			"amount": float64(number) / 7,
			"large":  int64(9007199254740993),
			"nested": map[string]any{"list": []any{1, 2.5, nil, true, "x"}, "empty": map[string]any{}},
		},
		Metadata: map[string]any{"tenant": "acme", "priority": number % 10, "writer": prefix},
	}
	switch number % 7 {
	case 0:
		one.Data = nil
	case 1:
		one.Metadata = nil
	}
	return one
}
