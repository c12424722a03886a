// SPDX-License-Identifier: MIT

/// Where the parts of the screen are. Rows: the header, the body, a line for who is typing, the line that one types.
struct Layout: Equatable {
    static let mostInputRows = 5
    static let leastColumnsForRooms = 64
    static let leastColumnsForMembers = 100

    let columns: Int
    let rows: Int
    /// The width of the list of rooms; 0 without one.
    let roomCells: Int
    /// The width of the list of members; 0 without one.
    let memberCells: Int
    let inputRows: Int

    /// - Parameters:
    ///   - wantsRooms: whether the person wants to see the rooms.
    ///   - wantsMembers: whether the person wants to see the members.
    ///   - inputRows: how many rows the line that one types takes.
    init(columns: Int, rows: Int, wantsRooms: Bool, wantsMembers: Bool, inputRows: Int) {
        self.columns = max(1, columns)
        self.rows = max(1, rows)
        let showsRooms = wantsRooms && columns >= Self.leastColumnsForRooms
        let showsMembers = wantsMembers && columns >= Self.leastColumnsForMembers
        roomCells = showsRooms ? min(24, max(16, columns / 5)) : 0
        memberCells = showsMembers ? min(26, max(18, columns / 6)) : 0
        self.inputRows = max(1, min(inputRows, Self.mostInputRows, self.rows - 3))
    }

    /// The first row of the line that one types.
    var inputRow: Int { max(0, rows - inputRows) }
    /// The row for who is typing.
    var statusRow: Int { inputRow - 1 }
    /// How many rows the transcript has, below the header.
    var bodyRows: Int { max(0, statusRow - 1) }
    /// Where the transcript begins.
    var left: Int { roomCells > 0 ? roomCells + 2 : 0 }
    /// Where it ends.
    var right: Int { memberCells > 0 ? columns - memberCells - 2 : columns }
    /// How wide it is; a column is left free at its right edge.
    var textCells: Int { max(4, right - left - 1) }
}
