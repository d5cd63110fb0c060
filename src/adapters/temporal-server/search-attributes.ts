/** What an SRE filters runs by; every one a keyword, none of them personal. */
export const searchAttributes = ['Agent', 'AgentVersion', 'Tenant', 'RunState', 'RiskTier', 'ApprovalState'] as const;
