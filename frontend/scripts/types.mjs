// SPDX-License-Identifier: Apache-2.0
// Types of the public contract, from docs/openapi.yaml: lib/generated/api.d.ts, and the names of members that are whole numbers
// (lib/generated/integers.ts). Every other number of the contract is an exact decimal, which lib/json.ts reads as a bigint of 1e-8.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'
import ts from 'typescript'
import { parse } from 'yaml'

const contract = new URL('../../docs/openapi.yaml', import.meta.url)
const generated = new URL('../lib/generated/', import.meta.url)

const bigint = ts.factory.createKeywordTypeNode(ts.SyntaxKind.BigIntKeyword)
const nothing = ts.factory.createLiteralTypeNode(ts.factory.createNull())
const text = ts.factory.createKeywordTypeNode(ts.SyntaxKind.StringKeyword)

const ast = await openapiTS(contract, {
  transform(schema) {
    const types = [schema.type].flat()
    if (!types.includes('number')) return undefined
    const union = [bigint, ...(types.includes('string') ? [text] : []), ...(types.includes('null') ? [nothing] : [])]
    return union.length === 1 ? bigint : ts.factory.createUnionTypeNode(union)
  },
})

const kinds = new Map() // member → 'integer' | 'number'
function walk(node) {
  if (!node || typeof node !== 'object') return
  for (const [name, schema] of Object.entries(node.properties ?? {})) {
    for (const kind of [schema?.type].flat().filter((type) => type === 'integer' || type === 'number')) {
      if (kinds.has(name) && kinds.get(name) !== kind)
        throw new Error(`${name} is an integer here and a decimal there: lib/json.ts reads by name`)
      kinds.set(name, kind)
    }
  }
  for (const child of Object.values(node)) walk(child)
}
walk(parse(await readFile(contract, 'utf8')))
const integers = [...kinds]
  .filter(([, kind]) => kind === 'integer')
  .map(([name]) => name)
  .sort()

await mkdir(generated, { recursive: true })
await writeFile(new URL('api.d.ts', generated), `// From docs/openapi.yaml by scripts/types.mjs.\n${astToString(ast)}`)
await writeFile(
  new URL('integers.ts', generated),
  `// From docs/openapi.yaml by scripts/types.mjs.\nexport const integers: ReadonlySet<string> = new Set(${JSON.stringify(integers)})\n`,
)
