internal import Clock
internal import SQLite

extension Database {
  func add(_ message: NewMessage, toRun run: Int) throws {
    try self.run(
      "INSERT INTO messages (run, key, kind, payload, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      run, message.key, message.kind, message.payload, message.createdAt.nanoseconds)
  }

  func takeMessages(of run: RunID?, now: Moment, lease: Moment) throws -> [MessageRecord] {
    let messages = try all(
      Self.messages + """
         WHERE delivered_at IS NULL AND (not_before IS NULL OR not_before <= ?1) AND (?2 IS NULL OR runs.id = ?2)
          ORDER BY messages.number
        """, now.nanoseconds, run?.description, as: Self.record)
    for message in messages {
      try self.run("UPDATE messages SET not_before = ? WHERE number = ?", lease.nanoseconds, message.number)
    }
    return messages
  }

  func record(_ delivery: Delivery, ofMessage number: Int) throws {
    switch delivery {
    case .delivered(let moment):
      try run(
        "UPDATE messages SET delivered_at = ?, not_before = NULL WHERE number = ?", moment.nanoseconds, number
      )
    case .failed(let error, let retry):
      try run(
        "UPDATE messages SET tries = tries + 1, last_error = ?, not_before = ? WHERE number = ?", error,
        retry.nanoseconds, number)
    }
  }

  func messages(of run: RunID) throws -> [MessageRecord] {
    try all(Self.messages + " WHERE runs.id = ? ORDER BY messages.number", run.description, as: Self.record)
  }

  private static let messages = """
    SELECT messages.number, runs.id, key, kind, payload, created_at, delivered_at, tries, last_error
      FROM messages JOIN runs ON runs.number = messages.run
    """

  private static func record(_ row: borrowing SQLRow) throws -> MessageRecord {
    MessageRecord(
      number: row.int(0), run: RunID(row.text(1)),
      message: NewMessage(
        key: row.text(2), kind: row.text(3), payload: row.blob(4), createdAt: row.moment(5)),
      deliveredAt: row.optionalMoment(6), tries: row.int(7), lastError: row.optionalText(8))
  }
}
