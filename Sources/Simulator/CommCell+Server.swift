import CommandCenterAPI

/// What a server tells of itself and of whoever asks.
extension CommCell {
  /// `POST /WhoAmI`
  func whoAmI() -> Answer {
    .object { json in
      json.key("user")
      json.beginObject()
      json.member("userName", settings.user)
      json.member("userId", 1 as Int64)
      json.endObject()
    }
  }

  /// `GET /CommServ`
  func commServ() -> Answer {
    .object { json in
      json.key("commcell")
      json.beginObject()
      json.member("commCellName", settings.name)
      json.member("commCellId", 2 as Int64)
      json.member("csGUID", guid)
      json.endObject()
      json.member("hostName", settings.name)
      json.key("csTimeZone")
      json.beginObject()
      json.member("TimeZoneName", "UTC")
      json.endObject()
      json.member("timeZone", "(UTC) Coordinated Universal Time")
      json.member("currentSPVersion", "36")
      json.member("csVersionInfo", "11 SP36.0")
      json.member("releaseName", "11.0")
    }
  }

  /// It outlives the process, as that of a real one does: seed and name make it, and what tells one that is
  /// kept nowhere from the next, which begins its job numbers anew.
  private var guid: String {
    // FNV-1a
    let number = settings.name.utf8.reduce(0xcbf2_9ce4_8422_2325 ^ seed ^ settings.birth) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
    }
    let digits = String(number, radix: 16)
    let padded = String(repeating: "0", count: 16 - digits.count) + digits
    return "00000000-0000-0000-\(padded.prefix(4))-\(padded.dropFirst(4))".uppercased()
  }
}
