import { misnamed } from './refusal.ts'

/** The one table of a file that has the name its maker gave it. */
export interface ChosenTable {
  /** Its name in `migrations`, where it always stands in double quotes; and in a file, unless another is given. */
  readonly standard: string
  /** An index on it, under the same name in every file: by it the table is found. */
  readonly index: string
  /** What it is called in a new file, and has to be called in any other. */
  readonly name?: string
}

/** What the table is called in this file; `undefined` before it is made. */
export function chosenName(db: Queried, { index }: ChosenTable): string | undefined {
  const sql = "SELECT tbl_name FROM sqlite_schema WHERE type = 'index' AND name = ?"
  return db.prepare(sql).get(index)?.tbl_name as string | undefined
}

/** Throws `invalid_argument` when the file's table has another name than is wanted. */
export function checkName(
  db: Queried,
  path: string,
  { chosenTable, what }: Chosen & { readonly what: string },
): void {
  const found = chosenTable && chosenName(db, chosenTable)
  const wanted = chosenTable?.name
  if (found === undefined || wanted === undefined || found === wanted) return
  throw misnamed(path, what, found, wanted)
}

/** The migrations as they are for a file whose table has this name. */
export function migrationsFor(
  { migrations, chosenTable }: Chosen & { readonly migrations: readonly string[] },
  name: string | undefined,
): readonly string[] {
  if (chosenTable === undefined || name === undefined) return migrations
  const standard = quoted(chosenTable.standard)
  return migrations.map((sql) => sql.replaceAll(standard, () => quoted(name)))
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

interface Chosen {
  readonly chosenTable?: ChosenTable
}

/** A connection of any kind. */
interface Queried {
  prepare(sql: string): { get(param: string): Record<string, unknown> | undefined }
}
