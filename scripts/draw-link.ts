import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drawLink } from '../src/link/index.ts'

// Draws the table of a link's phases into docs/live-sync.md; test/live-sync.test.ts holds the page to it.
const path = join(import.meta.dirname, '..', 'docs', 'live-sync.md')
const page = readFileSync(path, 'utf8')
writeFileSync(path, page.replace(/```mermaid\n[\s\S]*?```/, `\`\`\`mermaid\n${drawLink()}\`\`\``))
