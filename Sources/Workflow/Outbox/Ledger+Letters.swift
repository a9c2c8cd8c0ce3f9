public import Clock
internal import Journal

extension Ledger {
  /// Has a message of the script told, once a run: a replay's is the same one. Returns when it is on disk.
  public func tell(_ letter: Letter, at moment: Moment) async throws(RunStop) {
    let key = nextKey("tell \(letter.secret ?? "") \(letter.form.rawValue)")
    try await write([
      .message(NewMessage(key: key, kind: "message", payload: letter.encoded, createdAt: moment))
    ])
  }
}
