import CommandCenter
import CommandCenterAPI
import LuaVM
import Workflow

/// Whom a profile tells what.
extension ProfileReader {
  func attention() throws(LuaFailure) -> AttentionAddresses {
    var addresses = AttentionAddresses()
    try forEachAddress("attention", AttentionAddresses.names) { name throws(LuaFailure) in
      if name == "email" {
        guard let list = call.string(-1).flatMap(Mail.addresses) else {
          throw failure(
            "wants addresses for attention.email, such as \"ops@example.com\", with commas between several, not \(call.quoted(-1))"
          )
        }
        addresses.email = list
        return
      }
      guard let reference = call.object(call.top, as: secretType) else {
        throw failure(
          "wants secret.env, secret.file, secret.credential or secret.command for attention.\(name): whoever knows the address may post there, so it does not belong in a configuration"
        )
      }
      switch name {
      case "slack": addresses.slack = reference.source
      case "teams": addresses.teams = reference.source
      case "pagerduty": addresses.pagerDuty = reference.source
      default: addresses.webhook = reference.source
      }
    }
    return addresses
  }

  func ping() throws(LuaFailure) -> PingAddresses {
    var addresses = PingAddresses()
    try forEachAddress("ping", PingAddresses.names) { name throws(LuaFailure) in
      let address: PingAddress
      if let reference = call.object(call.top, as: secretType) {
        address = .secret(reference.source)
      } else if let url = call.string(-1), url.hasPrefix("https://") || url.hasPrefix("http://") {
        address = .url(Secret(url))
      } else {
        // What stands there may be a key without its URL.
        throw failure("wants a URL such as \"https://…\", or secret.env, secret.file, …, for ping.\(name)")
      }
      switch name {
      case "start": addresses.start = address
      case "success": addresses.success = address
      default: addresses.fail = address
      }
    }
    return addresses
  }

  /// Calls `body` for each member of a setting that is a table, with its name; the value is on top of the stack.
  private func forEachAddress(
    _ setting: String, _ names: [String], _ body: (String) throws(LuaFailure) -> Void
  ) throws(LuaFailure) {
    let level = call.top
    defer { call.pop(call.top - level) }
    switch call.get(table, setting) {
    case .null: return
    case .table: break
    default:
      // What stands there may be an address.
      throw failure(
        "wants a table for \(setting), such as { \(names[0]) = secret.env \"…\" }, not a \(call.type(-1).name)"
      )
    }
    try call.forEach(call.top) { () throws(LuaFailure) in
      guard let name = call.string(-2), names.contains(name) else {
        let hint = call.string(-2).flatMap { didYouMean($0, among: names) }.map { "; did you mean \($0)?" }
        throw failure(
          "knows no \(setting).\(call.string(-2) ?? call.quoted(-2))\(hint ?? "; there are \(names.joined(separator: ", "))")"
        )
      }
      try body(name)
    }
  }
}
