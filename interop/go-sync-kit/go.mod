module rejoin.invalid/interop/go-sync-kit

go 1.25

require github.com/c0deZ3R0/go-sync-kit v0.16.0

require (
	github.com/mattn/go-sqlite3 v1.14.30 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
