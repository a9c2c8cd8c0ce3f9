internal import Clock
internal import SQLite

extension Database {
  func remember(_ name: String, _ value: [UInt8], _ moment: Moment, run: Int) throws {
    try self.run(
      """
      INSERT INTO memories (script, simulated, name, value, written_at)
        SELECT script, simulated, ?, ?, ? FROM runs WHERE number = ?
        ON CONFLICT DO UPDATE SET value = excluded.value, written_at = excluded.written_at
      """, name, value, moment.nanoseconds, run)
  }

  func memory(_ name: String, run: Int) throws -> [UInt8]? {
    try first(
      """
      SELECT value FROM memories JOIN runs ON runs.script = memories.script
        AND runs.simulated = memories.simulated WHERE runs.number = ? AND memories.name = ?
      """, run, name
    ) { $0.blob(0) }
  }
}
