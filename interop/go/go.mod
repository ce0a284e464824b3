module rejoin.invalid/interop

go 1.24
