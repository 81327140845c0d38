// SPDX-License-Identifier: Apache-2.0
// Keys that sign checkpoints, of a log (type 1) or a witness (type 4), made anew for each run.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { sha256, toHex } from '@/lib/note'

export interface Signer {
  key: KeyObject
  name: string
  verifier: string
  id: Uint8Array
  type: number
}

export async function signer(name: string, type: 1 | 4): Promise<Signer> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = Buffer.concat([Uint8Array.of(type), publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)])
  const id = (await sha256(Buffer.from(`${name}\n`), raw)).subarray(0, 4)
  return { key: privateKey, name, id, type, verifier: `${name}+${toHex(id)}+${raw.toString('base64')}` }
}

export function line({ key, name, id, type }: Signer, text: string, time = 1_795_900_000n): string {
  const at = Buffer.alloc(8)
  at.writeBigUInt64BE(time)
  const signed = type === 1 ? text : `cosignature/v1\ntime ${time}\n${text}`
  const parts = [id, ...(type === 1 ? [] : [at]), sign(null, Buffer.from(signed), key)]
  return `\u2014 ${name} ${Buffer.concat(parts).toString('base64')}\n`
}
