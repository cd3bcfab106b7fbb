/** Roles that the program itself knows. All others mean what the policy makes of them. */

/** Role whose members may read everybody's sessions, requests and the audit log. */
export const AUDITOR = 'auditor';
