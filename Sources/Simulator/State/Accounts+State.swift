import Clock
import CommandCenterAPI

extension Accounts {
  private static let sessionKind = "session"
  private static let tokenKind = "accesstoken"

  static let recordKinds = [sessionKind, tokenKind]

  /// What came, changed or went since the last call.
  mutating func takeRecords() -> [StateRecord] {
    let sessions = takeChanges().sorted().map { token in
      guard let session = self.sessions[token] else { return StateRecord.gone(Self.sessionKind, token) }
      return StateRecord(Self.sessionKind, token) { json in
        json.member("device", session.device)
        if let moment = session.lastUse { json.member("lastUse", moment.nanoseconds) }
      }
    }
    let tokens = accessTokens.takeChanges().sorted().map { token in
      guard let entry = accessTokens.entries[token] else { return StateRecord.gone(Self.tokenKind, token) }
      return StateRecord(Self.tokenKind, token) { json in
        json.member("accessToken", entry.pair.accessToken)
        json.member("issued", entry.pair.issued.nanoseconds)
        json.member("expires", entry.pair.expires.nanoseconds)
        json.member("chain", Int64(entry.chain))
        json.member("renewed", entry.isRotated)
      }
    }
    return sessions + tokens
  }

  mutating func restore(
    _ records: [String: [StateRecord]], logins: Int, accessTokens made: Int
  ) throws(StateError) {
    var sessions: [String: Session] = [:]
    for record in records[Self.sessionKind] ?? [] {
      let saved = try SavedValue(record)
      sessions[record.key] = Session(
        device: try saved.text("device"), lastUse: saved.has("lastUse") ? try saved.moment("lastUse") : nil)
    }
    restore(sessions, logins: logins)
    var entries: [AccessTokens.Entry] = []
    for record in records[Self.tokenKind] ?? [] {
      let saved = try SavedValue(record)
      let pair = AccessTokenPair(
        accessToken: try saved.text("accessToken"), refreshToken: record.key,
        issued: try saved.moment("issued"), expires: try saved.moment("expires"))
      entries.append(
        AccessTokens.Entry(
          pair: pair, chain: Int(clamping: try saved.integer("chain")),
          isRotated: try saved.boolean("renewed")))
    }
    accessTokens.restore(entries, made: made)
  }
}
