"""What fills an empty development database: invented cities' schools, students and what they say."""
