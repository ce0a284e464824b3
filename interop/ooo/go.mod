module rejoin.invalid/interop/ooo

go 1.25

require github.com/benitogf/ooo v0.0.0-20260616085443-cb886859c622

require (
	github.com/bclicn/color v0.0.0-20180711051946-108f2023dc84 // indirect
	github.com/benitogf/coat v0.0.0-20200402073050-ff807656cbec // indirect
	github.com/benitogf/go-json v0.0.0-20260410172501-727f5690408b // indirect
	github.com/benitogf/jsonpatch v0.0.0-20260413094158-a4a6cc1a3382 // indirect
	github.com/felixge/httpsnoop v1.0.4 // indirect
	github.com/gorilla/handlers v1.5.2 // indirect
	github.com/gorilla/mux v1.8.1 // indirect
	github.com/gorilla/websocket v1.5.3 // indirect
	github.com/rs/cors v1.11.1 // indirect
)
