import Glibc

/// What a command writes.
package func shell(_ command: String) throws -> [UInt8] {
  guard let pipe = popen(command, "r") else { throw Misbehaving.Failure() }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&chunk, 1, chunk.count, pipe)
    if count == 0 { break }
    bytes += chunk[..<count]
  }
  guard pclose(pipe) == 0 else { throw Misbehaving.Failure() }
  return bytes
}
