import { DatabaseSync } from 'node:sqlite'

/** The SQL that is compiled while `work` runs, in the order it first came. */
export async function statementsDuring(work: () => Promise<unknown>): Promise<readonly string[]> {
  const seen = new Set<string>()
  const { prepare } = DatabaseSync.prototype
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, ...args) {
    seen.add(args[0])
    return prepare.apply(this, args)
  }
  try {
    await work()
  } finally {
    DatabaseSync.prototype.prepare = prepare
  }
  return [...seen]
}

/** Those of the statements that would read all of a table that grows, with what SQLite plans. */
export function tableScans(path: string, statements: readonly string[]): readonly string[] {
  const db = new DatabaseSync(path, { readOnly: true })
  const scans = statements.filter(hasPlan).flatMap((sql) =>
    db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail))
      .filter((detail) => /^SCAN (events|aggregates|parked)\b/.test(detail))
      .map((detail) => `${detail}: ${sql}`),
  )
  db.close()
  return scans
}

/** Not those that look at one row, whichever it is. */
function hasPlan(sql: string): boolean {
  return (
    !/^SELECT 1 FROM \S+ LIMIT 1$/i.test(sql) &&
    /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/i.test(sql)
  )
}
