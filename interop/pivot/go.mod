module rejoin.invalid/interop/pivot

go 1.25

require (
	github.com/benitogf/ko v0.0.0-20260123034004-8b3433e84b17
	github.com/benitogf/ooo v0.0.0-20260126094158-e2d2f33976cd
	github.com/benitogf/pivot v0.0.0-20260127130243-e564747e7a3f
)

require (
	github.com/bclicn/color v0.0.0-20180711051946-108f2023dc84 // indirect
	github.com/benitogf/coat v0.0.0-20200402073050-ff807656cbec // indirect
	github.com/benitogf/jsondiff v0.0.0-20220926080659-c3db9b84b559 // indirect
	github.com/benitogf/jsonpatch v0.0.0-20260109052650-eec54232a9a2 // indirect
	github.com/davecgh/go-spew v1.1.1 // indirect
	github.com/felixge/httpsnoop v1.0.4 // indirect
	github.com/goccy/go-json v0.10.5 // indirect
	github.com/golang/snappy v1.0.0 // indirect
	github.com/gorilla/handlers v1.5.2 // indirect
	github.com/gorilla/mux v1.8.1 // indirect
	github.com/gorilla/websocket v1.5.3 // indirect
	github.com/pkg/expect v0.0.0-20191209053905-1fe4c9394a8a // indirect
	github.com/pmezard/go-difflib v1.0.0 // indirect
	github.com/rs/cors v1.11.1 // indirect
	github.com/stretchr/testify v1.11.1 // indirect
	github.com/syndtr/goleveldb v1.0.0 // indirect
	github.com/tidwall/gjson v1.18.0 // indirect
	github.com/tidwall/match v1.2.0 // indirect
	github.com/tidwall/pretty v1.2.1 // indirect
	github.com/tidwall/sjson v1.2.5 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
