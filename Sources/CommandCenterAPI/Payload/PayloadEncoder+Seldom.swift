internal import CSlots

/// What the fast pass calls seldom, out of its way. Each takes the place to write at and returns the one to
/// go on at; the buffer may have moved then. Pointers go by value, so that the fast pass keeps them in
/// registers.
extension PayloadEncoder {
  /// Writes a field whose slot holds something else than its plain type: null, a value to be converted, JSON.
  ///
  /// - Returns: nil where the field does not take it.
  @inline(never)
  func writeOdd(
    _ step: UnsafePointer<PayloadProgram.Step>, _ slot: UnsafePointer<cv_slot>, _ fixed: Int,
    _ place: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8>? {
    let field = workload.fields[Int(step.pointee.slot)]
    var json: [UInt8]
    switch field.read(slot.pointee, workload: workload.name) {
    case .nothing: return place
    case .mistake: return nil
    case .json(let text): json = text
    case .value(let value):
      guard let text = try? value.encoded() else { return nil }
      json = text
    }
    // The text of a step has the opening quote of a string already.
    if field.type == .string { json.removeFirst() }
    json.append(UInt8(ascii: ","))
    var to = makeRoom(json.count + fixed, place)
    to = copyText(step.pointee.text, to, Int(step.pointee.textLength))
    to.update(from: json, count: json.count)
    return to + json.count
  }

  /// Writes members that a container is to have beside those of the schema.
  ///
  /// - Returns: nil where the slot holds something else.
  @inline(never)
  func writeExtras(
    _ slot: UnsafePointer<cv_slot>, _ fixed: Int, _ place: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8>? {
    if slot.pointee.kind == SlotKind.null { return place }
    guard slot.pointee.kind == SlotKind.json else { return nil }
    let members = slot.pointee.buffer
    guard let start = members.baseAddress, !members.isEmpty else { return place }
    let to = makeRoom(members.count + fixed, place)
    to.update(from: start, count: members.count)
    to[members.count] = UInt8(ascii: ",")
    return to + members.count + 1
  }

  /// Sees to it that `wanted` bytes can be written at `place`.
  @inline(never)
  func makeRoom(_ wanted: Int, _ place: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
    buffer.count = place - buffer.base
    buffer.reserve(wanted)
    return buffer.end
  }
}
