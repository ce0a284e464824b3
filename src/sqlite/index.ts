export type { Connection, Row, SqliteValue, Statement, Sync } from './connection.ts'
export type { Participant } from './participant.ts'
export { SqliteFile, type SqliteFileOptions } from './sqlite-file.ts'
