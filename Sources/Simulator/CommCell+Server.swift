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
      json.member("commCellName", "simulator")
      json.member("commCellId", 2 as Int64)
      json.member("csGUID", "00000000-0000-0000-0000-000000000000")
      json.endObject()
      json.member("hostName", "simulator")
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
}
