package main

import (
	"errors"
	"strconv"
)

// How the store reads versions: nothing is 0, and a negative one wraps around to "everything".
func storeVersion(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	return strconv.ParseInt(text, 10, 64)
}

// How the HTTP client reads them unless told otherwise: 0 is none, which fails the whole call.
func clientVersion(text string) (int64, error) {
	version, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, err
	}
	if version == 0 {
		return 0, errors.New("invalid version: zero is not a valid version")
	}
	return version, nil
}
