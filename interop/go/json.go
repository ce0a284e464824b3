package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// passJSON reads texts, one a line and each written as a JSON string, and says of each what Go makes of it:
// as a value that is decoded and encoded again, null when it is refused, and as the body of a push.
func passJSON() {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			return
		}
		var text string
		if err := json.Unmarshal([]byte(line), &text); err != nil {
			fail(err.Error())
		}
		said, _ := json.Marshal(map[string]any{"passed": passed(text), "body": bodyIn(text)})
		fmt.Fprintln(out, string(said))
	}
}

func passed(text string) any {
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		return nil
	}
	again, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	return string(again)
}

func bodyIn(text string) any {
	events := []versioned{}
	if json.NewDecoder(strings.NewReader(text)).Decode(&events) != nil {
		return "refused"
	}
	return events
}
