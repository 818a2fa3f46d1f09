// Reads references with citation-js, which knows nothing of us: says what it found as CSL-JSON, and writes it anew.
import { readFile, writeFile } from 'node:fs/promises'
import { Cite, plugins } from '@citation-js/core'
import '@citation-js/plugin-bibtex'
import '@citation-js/plugin-csl'
import '@citation-js/plugin-ris'

// Otherwise it makes up keys, one for several entries.
Object.assign(plugins.config.get('@bibtex').format, { useIdAsLabel: true, checkLabel: false })

const WRITERS = { bib: 'biblatex', ris: 'ris', json: 'data' }

const [file, written] = process.argv.slice(2)
const cite = await Cite.async(await readFile(file, 'utf8'))
const format = WRITERS[written.split('.').at(-1)]
await writeFile(written, cite.format(format, { format: 'text' }))
console.log(JSON.stringify(cite.data.map(({ _graph, ...item }) => item)))
