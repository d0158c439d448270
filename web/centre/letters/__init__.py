"""Letters: 补正通知 (what an applicant has to supply) and 认定意见 (how one measure stands), as PDF and as .docx."""
