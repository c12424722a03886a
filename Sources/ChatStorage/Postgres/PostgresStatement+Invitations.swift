// SPDX-License-Identifier: MIT

extension PostgresStatement {
    private static let invitationColumns =
        "i.code, i.room, i.user_id, i.sender, i.created_at, i.expires, i.uses_left"

    var invitationSQL: String {
        let columns = Self.invitationColumns
        return switch self {
        case .invitationOfUser:
            "SELECT \(columns) FROM invitations i WHERE i.room = $1 AND i.user_id = $2"
        case .invitationOfCode: "SELECT \(columns) FROM invitations i WHERE i.code = $1"
        case .invitationsInRoom:
            "SELECT count(*) FROM invitations WHERE room = $1 AND expires > $2"
        case .invitationsOfUser:
            "SELECT count(*) FROM invitations WHERE user_id = $1 AND expires > $2"
        case .lockUser: "SELECT 1 FROM users WHERE id = $1 AND NOT is_erased FOR UPDATE"
        case .insertInvitation:
            """
            INSERT INTO invitations
                (code, room, user_id, sender, created_at, expires, uses_left)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """
        case .deletePastInvitations:
            "DELETE FROM invitations WHERE (room = $1 OR user_id = $2) AND expires <= $3"
        case .deleteInvitationOfUser: "DELETE FROM invitations WHERE room = $1 AND user_id = $2"
        case .deleteInvitationOfCode: "DELETE FROM invitations WHERE code = $1 RETURNING 1"
        case .useInvitation: "UPDATE invitations SET uses_left = uses_left - 1 WHERE code = $1"
        case .deleteUsedInvitation: "DELETE FROM invitations WHERE code = $1 AND uses_left <= 0"
        case .deleteInvitationsOf: "DELETE FROM invitations WHERE room = $1"
        case .updateProfile:
            """
            UPDATE users SET display_name = coalesce($2, display_name),
                avatar = coalesce($3, avatar), status_text = coalesce($4, status_text),
                hides_last_seen = coalesce($5::boolean, hides_last_seen),
                last_seen = CASE WHEN NOT coalesce($5::boolean, hides_last_seen) THEN last_seen END
            WHERE id = $1 AND NOT is_erased RETURNING \(Self.userColumns)
            """
        case .profiles:
            """
            SELECT id, display_name, avatar, status_text, hides_last_seen, last_seen FROM users
            WHERE id = ANY($1::bigint[]) AND NOT (display_name = '' AND avatar = ''
                AND status_text = '' AND NOT hides_last_seen AND last_seen IS NULL)
            """
        default:
            """
            SELECT \(Self.roomColumns), \(columns), u.name FROM invitations i
            JOIN rooms r ON r.id = i.room LEFT JOIN users u ON u.id = i.sender
            WHERE i.user_id = $1 AND i.expires > $2
            ORDER BY i.created_at DESC, (r.id < 0) DESC, r.id DESC LIMIT $3 OFFSET $4
            """
        }
    }
}
