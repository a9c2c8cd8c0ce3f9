internal import CSlots

/// What the fast pass calls seldom, out of its way.
extension PayloadEncoder {
  /// Writes a field whose slot holds something else than its plain type: null, a value to be converted, JSON.
  @inline(never)
  func writeOdd(
    _ step: UnsafePointer<PayloadProgram.Step>, _ slot: UnsafePointer<cv_slot>, _ fixed: Int,
    _ to: inout UnsafeMutablePointer<UInt8>, _ end: inout UnsafeMutablePointer<UInt8>
  ) -> Bool {
    let field = workload.fields[Int(step.pointee.slot)]
    var json: [UInt8]
    switch field.read(slot.pointee, workload: workload.name) {
    case .nothing: return true
    case .mistake: return false
    case .json(let text): json = text
    case .value(let value):
      guard let text = try? value.encoded() else { return false }
      json = text
    }
    if field.type == .string { json.removeFirst() }
    json.append(UInt8(ascii: ","))
    let wanted = json.count + fixed
    if end - to < wanted { makeRoom(wanted, &to, &end) }
    to = copyText(step.pointee.text, to, Int(step.pointee.textLength))
    // The text of a step ends with the quote of a string; named strings have it, too.
    to.update(from: json, count: json.count)
    to += json.count
    return true
  }

  /// Writes members that a container is to have beside those of the schema.
  @inline(never)
  func writeExtras(
    _ slot: UnsafePointer<cv_slot>, _ fixed: Int,
    _ to: inout UnsafeMutablePointer<UInt8>, _ end: inout UnsafeMutablePointer<UInt8>
  ) -> Bool {
    if slot.pointee.kind == SlotKind.null { return true }
    guard slot.pointee.kind == SlotKind.json else { return false }
    let members = slot.pointee.buffer
    if members.isEmpty { return true }
    let wanted = members.count + fixed
    if end - to < wanted { makeRoom(wanted, &to, &end) }
    // It is not empty.
    to.update(from: members.baseAddress!, count: members.count)
    to += members.count
    to[0] = UInt8(ascii: ",")
    to += 1
    return true
  }

  @inline(never)
  func makeRoom(
    _ wanted: Int, _ to: inout UnsafeMutablePointer<UInt8>, _ end: inout UnsafeMutablePointer<UInt8>
  ) {
    buffer.count = to - buffer.base
    buffer.reserve(wanted)
    to = buffer.end
    end = buffer.base + buffer.capacity
  }
}
