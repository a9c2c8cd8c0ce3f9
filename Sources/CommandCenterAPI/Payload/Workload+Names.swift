public import CSlots

/// Names where a page wants ids: which are to be looked up, and putting in what was found.
extension Workload {
  /// For each row, the ids that it leaves out and names instead. Empty where nothing is to be looked up.
  public func lookups(in slots: UnsafePointer<cv_slot>, rows: Int) -> [[Lookup]] {
    if lookups.isEmpty { return [] }
    let found = (0..<rows).map { row in
      lookups.filter { isNamed($0, slots + row * slotCount) }
    }
    return found.allSatisfy(\.isEmpty) ? [] : found
  }

  /// Whether a row names the thing without giving its id.
  private func isNamed(_ lookup: Lookup, _ row: UnsafePointer<cv_slot>) -> Bool {
    guard row[lookup.id].kind == SlotKind.absent || row[lookup.id].kind == SlotKind.null else { return false }
    guard case .value(.string(let name)) = fields[lookup.name].read(row[lookup.name], workload: self.name)
    else { return false }
    return !name.isEmpty
  }

  /// The mistake of a row that lacks a required field: one whose id is named is told why that does not do.
  func missing(_ field: Int, _ row: UnsafePointer<cv_slot>, _ mistake: Mistake) -> Mistake {
    guard let lookup = lookups.first(where: { $0.id == field }), isNamed(lookup, row) else { return mistake }
    let (id, name) = (fields[lookup.id].name, fields[lookup.name].name)
    return Mistake(
      .missing, field: id, association: mistake.association,
      message: "\(id) is missing; \(name) is looked up only when a backup is submitted, so give \(id) here")
  }

  /// What stands in a payload for an id that is still to be found: the greatest that its field takes, which no
  /// server has given to anything.
  public func placeholder(for lookup: Lookup) -> cv_slot {
    cv_slot(bytes: nil, word: fields[lookup.id].range.upperBound, kind: SlotKind.integer)
  }

  /// A payload of this workload's encoder with ids in the place of what its associations have there.
  ///
  /// - Parameter ids: for each association, the names of fields and what they are to be.
  public func payload(_ payload: [UInt8], with ids: [[String: Int64]]) -> [UInt8] {
    var way: [String] = []
    var index = associations
    while index >= 0 {
      way.insert(containers[index].name, at: 0)
      index = parentOfContainer[index]
    }
    let json = try! JSONValue(parsing: payload)
    // An encoder writes JSON.
    let filled = Self.replacing(json, way[...], ids)
    return try! filled.encoded()
    // Whatever number has been read can be written.
  }

  private static func replacing(
    _ json: JSONValue, _ way: ArraySlice<String>, _ ids: [[String: Int64]]
  ) -> JSONValue {
    guard let name = way.first else {
      return .array(zip(json.array ?? [], ids).map { replacing($0, $1) })
    }
    return .object(
      (json.members ?? []).map { member in
        member.name == name
          ? JSONValue.Member(name, replacing(member.value, way.dropFirst(), ids)) : member
      })
  }

  private static func replacing(_ association: JSONValue, _ ids: [String: Int64]) -> JSONValue {
    .object(
      (association.members ?? []).map { member in
        ids[member.name].map { JSONValue.Member(member.name, .integer($0)) } ?? member
      })
  }
}
